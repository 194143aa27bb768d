"""Cash drawers (UnifiedPOS CashDrawer): contract, and the drawer on a receipt printer's kick connector."""
