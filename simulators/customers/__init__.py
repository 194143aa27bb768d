"""Customers at the tills: people from a real shop's record who buy, pay and bring things back.

They know the till as a page does (its WebSocket) and the scanner as a hand does (one code after the other), and they
keep a log of their own, which is the truth that everything else is judged by.
"""
