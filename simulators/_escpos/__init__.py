"""The inside of the ESC/POS receipt printer simulator: tokens, code pages, glyphs, bar codes, paper."""
