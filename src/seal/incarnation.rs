//! Which server seals the trail, and what happens where it is another than before.
