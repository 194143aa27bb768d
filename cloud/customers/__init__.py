"""One base of customers for all branches."""
