"""What functions of the standard library give, as far as a script can hide something behind them: `MODELS` by full
name, put together from the files of this folder."""

from guardian.scanner.models import places, reflection, same, sequences, texts
from guardian.scanner.models.base import Model
from guardian.scanner.models.reflection import REFLECTIVE, got, target_of

MODELS: dict[str, Model] = {
    **reflection.MODELS,
    **sequences.MODELS,
    **texts.MODELS,
    **places.MODELS,
    **same.MODELS,
}

__all__ = ["MODELS", "REFLECTIVE", "got", "target_of"]
