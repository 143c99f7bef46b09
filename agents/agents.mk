# agents
