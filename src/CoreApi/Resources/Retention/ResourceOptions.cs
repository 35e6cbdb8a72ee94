using System.ComponentModel.DataAnnotations;

namespace Platform.CoreApi.Resources;

/// <summary>Settings under <c>Resources</c>.</summary>
internal sealed class ResourceOptions
{
    /// <summary>How long a deleted resource can be restored before it is purged with its history. 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan DeletedRetention { get; init; } = TimeSpan.FromDays(30);
}
