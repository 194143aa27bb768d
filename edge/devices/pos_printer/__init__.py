"""Receipt printers (UnifiedPOS POSPrinter): contract, model profiles, and the ESC/POS driver."""
