from tradepost.cli import main

main()
