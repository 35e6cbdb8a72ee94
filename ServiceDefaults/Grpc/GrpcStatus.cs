namespace Platform.ServiceDefaults.Grpc;

/// <summary>The status codes of gRPC.</summary>
public enum GrpcCode
{
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// <summary>How a call ended.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people; any text.</param>
/// <param name="Details">A serialized <c>google.rpc.Status</c>; null for none.</param>
public sealed record GrpcStatus(GrpcCode Code, string Message = "", byte[]? Details = null)
{
    public static GrpcStatus Ok { get; } = new(GrpcCode.Ok);

    /// <summary>The deadline has passed.</summary>
    public static GrpcStatus TooLate { get; } = new(GrpcCode.DeadlineExceeded, "The deadline has passed.");

    /// <summary>This process ends; another one, or this one again, will serve.</summary>
    public static GrpcStatus Stopping { get; } = new(GrpcCode.Unavailable, "The server is stopping.");
}

/// <summary>Ends a call with a status: what a peer sent breaks the protocol, or exceeds a limit.</summary>
public sealed class GrpcException(GrpcStatus status) : Exception(status.Message)
{
    public GrpcException(GrpcCode code, string message)
        : this(new GrpcStatus(code, message))
    {
    }

    public GrpcStatus Status { get; } = status;
}
