"""The other end of every wire: devices that speak their real protocol to whoever opens the port.

Each simulator is a module of this package named after its device family and runs as its own process
(`tradepost simulate NAME`). It may share framing and checksum with our drivers, nothing else.
"""
