package commands

// rooms are the rooms that verbs open through the Env: one lazy field each, with its method on *Env in env_<room>.go.
type rooms struct{}
