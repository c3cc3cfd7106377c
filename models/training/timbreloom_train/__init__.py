"""Train, export and measure the continuous and discrete models of Timbreloom.

The modules follow the signal: `features` and `pitch` (analysis), `corpus` (sounds to training phrases), `nets`
(encoder, decoder), `losses`, `train`, `stream` (the same networks one hop at a time), `export` (a package),
`evaluate` (what it is worth). `python -m timbreloom_train --help` runs them in that order.
"""
