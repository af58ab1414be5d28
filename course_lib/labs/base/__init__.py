"""What every lab is built on: its panel, controls, canvas and the runs, steps and surfaces that labs share."""
