"""What the company sells: products, bar codes, dated prices and taxes. One catalogue for all branches."""
