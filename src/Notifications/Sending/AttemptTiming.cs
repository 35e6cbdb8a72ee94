using Platform.ServiceDefaults.Outbound;

namespace Platform.Notifications.Sending;

/// <summary>Where the time of an attempt went. A step that was not reached, or that a kept connection spared, is null.</summary>
/// <param name="FirstByte">From the beginning of the attempt.</param>
/// <param name="IsReused">A connection carried it that was open already.</param>
internal sealed record AttemptTiming(TimeSpan? Dns, TimeSpan? Connect, TimeSpan? Tls, TimeSpan? FirstByte, bool IsReused)
{
    public static AttemptTiming Of(OutboundTrace trace) => new(trace.Dns, trace.Connect, trace.Tls, trace.FirstByte, trace.ConnectionReused);
}
