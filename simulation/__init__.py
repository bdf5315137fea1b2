"""People, pens, printers, scanners and faxes in software, for the demo, the tests and the benchmarks."""
