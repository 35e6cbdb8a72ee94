using Platform.Embedded;

// A platform reduced to its database, for tests that kill it: starts the server of the given data folder, says so, and stops it
// when its input ends.
try
{
    await using var postgres = await EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataDirectory = args[0], RelaxedDurability = true, Announce = line => Console.WriteLine($"announce {line}") },
        CancellationToken.None);
    Console.WriteLine($"ready {postgres.ProcessId} {postgres.Port} {postgres.ConnectionString}");
    while (await Console.In.ReadLineAsync() is not null)
    {
    }
}
catch (EmbeddedPostgresException e)
{
    Console.WriteLine($"failed {e.Message}");
    return 1;
}

return 0;
