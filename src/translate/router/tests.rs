//! What the router does with models that answer, fail and cost.
