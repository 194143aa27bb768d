"""Head office's control panel: today's figures of every branch, with their age."""
