"""What branches need to work alone, as versioned deltas."""
