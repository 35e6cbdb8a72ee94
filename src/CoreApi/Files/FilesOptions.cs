using System.ComponentModel.DataAnnotations;

namespace Platform.CoreApi.Files;

/// <summary>Settings under <c>Files</c>.</summary>
internal sealed class FilesOptions
{
    /// <summary>Where contents are when there is no S3; <c>$PLATFORM_DATA/files</c> by default. Several instances need one folder that all of them see.</summary>
    public string Directory { get; set; } = "";

    /// <summary>Scheme and host of links; those of the request by default.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>What an organization may store, where it has no limits of its own.</summary>
    [Required]
    public FileLimits Limits { get; set; } = new();

    /// <summary>Limits of single organizations, by their ids (<c>org_...</c>).</summary>
    public Dictionary<string, FileLimits> Organizations { get; set; } = new(StringComparer.Ordinal);

    /// <summary>
    /// How long an upload's object may be without a file before it is an orphan. An upload that runs renews it; a crash leaves it to run out.
    /// </summary>
    public TimeSpan OrphanGrace { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often objects that are due are removed.</summary>
    public TimeSpan RemovalInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the object store is looked at.</summary>
    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>What an organization may store.</summary>
internal sealed class FileLimits
{
    /// <summary>Bytes of one file.</summary>
    [Range(1, long.MaxValue)]
    public long MaxFileBytes { get; set; } = 100L * 1024 * 1024;

    /// <summary>Bytes of all files together.</summary>
    [Range(0, long.MaxValue)]
    public long MaxTotalBytes { get; set; } = 10L * 1024 * 1024 * 1024;

    /// <summary>Media types, separated by commas: <c>*</c>, <c>image/*</c>, <c>application/pdf</c>.</summary>
    public string Types { get; set; } = "*";

    /// <summary>True for a media type without parameters.</summary>
    public bool Allows(string mediaType) => Types
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Any(t => t is "*" or "*/*" || t.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
            || (t.EndsWith("/*", StringComparison.Ordinal) && mediaType.StartsWith(t[..^1], StringComparison.OrdinalIgnoreCase)));
}
