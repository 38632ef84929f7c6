"""Classical baselines of the projects: the same split and metric, no framework."""
