"""What teachers and experiments need around training: honest evaluation, counts of operations, a progress bar, sound."""
