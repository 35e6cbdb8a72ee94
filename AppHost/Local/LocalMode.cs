using Platform.Standalone;

Console.WriteLine(
    "Local mode: no container runtime socket was found when this was built (or FullFeed=false was set), "
    + "so all services run in this process on an embedded PostgreSQL.");

return await StandaloneHost.RunAsync(args);
