namespace Platform.ServiceDefaults.Hosting;

/// <summary>Runs once after the migrations and before the first request is accepted. Safe on two instances at once.</summary>
public interface IStartupTask
{
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>A service cannot start for a reason that an operator can mend; the message is fit for one line on stderr.</summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
