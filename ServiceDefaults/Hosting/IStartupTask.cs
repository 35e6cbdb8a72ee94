namespace Platform.ServiceDefaults.Hosting;

/// <summary>Runs once after the migrations and before the first request is accepted. Safe on two instances at once.</summary>
public interface IStartupTask
{
    Task RunAsync(CancellationToken cancellationToken);
}
