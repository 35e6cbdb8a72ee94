namespace Platform.Auth.FirstKey;

/// <summary>Tells the operator the owner key of a new installation. Register another one before <c>AddAuth</c> to tell it otherwise.</summary>
public interface IFirstKeyAnnouncer
{
    /// <summary>Called once in the life of an installation, after the key exists for good and before the first request is accepted.</summary>
    /// <param name="key">The key.</param>
    /// <param name="path">The file that holds it too.</param>
    void Announce(string key, string path);
}

/// <summary>Two lines on standard output.</summary>
internal sealed class PrintFirstKey : IFirstKeyAnnouncer
{
    public void Announce(string key, string path) =>
        Console.WriteLine($"The owner's API key of this new installation, shown this once and kept in {path}:{Environment.NewLine}{key}");
}
