"""What is measured of the stored weights of a run: only when it is looked at, and each of them once."""


class AtSnapshots:
    """A measure of weights, at the epochs whose weights are stored.

    measure   measure(flat weights, hint) -> (value, hint for the next weights)
    """

    def __init__(self, measure):
        self._measure, self._known = measure, {}

    def values(self, snapshots):
        """{epoch: value}; snapshots is {epoch: flat weights}, a piece of a run that may have been taken back."""
        self._known = {epoch: known for epoch, known in self._known.items() if snapshots.get(epoch) is known[0]}
        hint = None
        for epoch, flat in snapshots.items():
            if epoch not in self._known:
                self._known[epoch] = (flat, *self._measure(flat, hint))
            hint = self._known[epoch][2]
        return {epoch: known[1] for epoch, known in self._known.items()}
