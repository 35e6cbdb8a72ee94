using System.Text.RegularExpressions;
using Platform.ServiceDefaults.Grpc;

namespace Platform.CoreApi.Tests.Parity;

/// <summary>
/// What a caller may count on, however it asks. <see cref="Asks"/> are the ways to ask; each is made in an organization of its own, in which
/// <see cref="Given"/> holds, and all have to come out as <see cref="Expected"/>.
/// </summary>
internal sealed record Rule(string Name, Expected Expected, params Ask[] Asks)
{
    public Func<World, Task> Given { get; init; } = _ => Task.CompletedTask;

    /// <summary>Why REST has no way to ask.</summary>
    public string? NoRest { get; init; }

    /// <summary>Why gRPC has no way to ask.</summary>
    public string? NoGrpc { get; init; }

    /// <summary>Why a frame has no way to ask.</summary>
    public string? NoSocket { get; init; }

    public string? ReasonWithout(Transport transport) => transport switch
    {
        Transport.Rest => NoRest,
        Transport.Grpc => NoGrpc,
        _ => NoSocket,
    };

    public override string ToString() => Name;
}

/// <summary>How asks travel. Server-sent events are REST, streaming calls are gRPC.</summary>
internal enum Transport
{
    Rest,
    Grpc,
    Socket,
}

/// <summary>How a rule comes out, said once.</summary>
/// <param name="Status">HTTP's; the others follow from it and from the code.</param>
/// <param name="Code">Of the problem; null where all is well.</param>
/// <param name="Faults"><c>path code</c>, separated by <c>; </c>. Paths as into a message: <c>operations[1].data</c>.</param>
internal sealed record Expected(int Status, string? Code = null, string Faults = "")
{
    /// <summary>Versions that were written.</summary>
    public long Effects { get; init; }

    /// <summary>True where the caller is told when to try again.</summary>
    public bool Retry { get; init; }

    /// <summary>True where the answer is that of an earlier request.</summary>
    public bool Replayed { get; init; }

    /// <summary>What an ask has to tell beyond that, where it tells anything.</summary>
    public string Note { get; init; } = "";

    /// <summary>The table of docs/guides/grpc.md.</summary>
    public GrpcCode Grpc => (Status, Code) switch
    {
        ( < 300, _) => GrpcCode.Ok,
        (400 or 422, _) => GrpcCode.InvalidArgument,
        (401, _) => GrpcCode.Unauthenticated,
        (403, _) => GrpcCode.PermissionDenied,
        (404, _) => GrpcCode.NotFound,
        (412, _) or (409, "idempotency_in_progress") => GrpcCode.Aborted,
        (409, _) => GrpcCode.FailedPrecondition,
        (410, _) => GrpcCode.OutOfRange,
        (413 or 429, _) => GrpcCode.ResourceExhausted,
        _ => throw new NotSupportedException($"{Status} {Code}"),
    };

    public static Expected Ok { get; } = new(200);
    public static Expected Created { get; } = new(201) { Effects = 1 };
    public static Expected NotFound { get; } = new(404, "not_found");
    public static Expected Unauthenticated { get; } = new(401, "unauthenticated");
    public static Expected Forbidden { get; } = new(403, "forbidden");

    /// <param name="faults">As <see cref="Faults"/>.</param>
    public static Expected Invalid(string faults) => new(400, "validation_failed", faults);
}

/// <summary>How an ask came out. Null is what its transport does not say.</summary>
internal sealed record Seen(string Ask)
{
    public int? Status { get; init; }
    public int? Grpc { get; init; }
    public string? Code { get; init; }
    public string Faults { get; init; } = "";
    public bool? Retry { get; init; }
    public bool? Replayed { get; init; }
    public string Note { get; init; } = "";

    /// <summary>Of what was made.</summary>
    public string? Location { get; init; }
    public long Effects { get; init; }
}

/// <summary>One way to ask.</summary>
internal abstract record Ask(Transport Transport)
{
    /// <summary>True for filters in a query, whose faults name the parameter and not the item.</summary>
    public bool IsQuery { get; init; }

    /// <summary>The code that this transport says instead, where its protocol has one of its own.</summary>
    public string? OwnCode { get; init; }

    public abstract Task<Seen> SendAsync(World world);

    public Ask Then(Ask next) => new Sequence(this, next);

    private sealed record Sequence(Ask First, Ask Next) : Ask(Next.Transport)
    {
        public override async Task<Seen> SendAsync(World world)
        {
            var first = await First.SendAsync(world);
            Assert.True(first.Code is null, $"{First}: {first}");
            var next = await Next.SendAsync(world);
            return next with
            {
                Ask = $"{First}, then {Next}",
                Note = next.Location is null || first.Location is null ? next.Note : next.Location == first.Location ? "the same" : "another",
            };
        }

        public override string ToString() => $"{First}, then {Next}";
    }
}

/// <summary>Faults in one notation: JSON Pointers, names of parameters and of headers as paths into the message.</summary>
internal static partial class FaultPath
{
    public static string Of(IEnumerable<(string Pointer, string Code)> faults) =>
        string.Join("; ", faults.Select(f => $"{Of(f.Pointer)} {f.Code}").Order(StringComparer.Ordinal));

    /// <summary>Without the items: <c>types[1]</c> and <c>labels.env</c> are the parameters <c>types</c> and <c>labels</c>.</summary>
    public static string ParametersOf(string faults) =>
        string.Join("; ", faults.Split("; ").Select(f => Item().Replace(f, "")).Distinct(StringComparer.Ordinal));

    private static string Of(string pointer) => pointer switch
    {
        "" => "",
        "If-Match" => "if_version",
        "Idempotency-Key" => "idempotency-key",
        _ when pointer[0] != '/' => pointer,
        _ => Index().Replace(pointer[1..], "[$1]").Replace('/', '.').Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal),
    };

    [GeneratedRegex(@"/(\d+)(?=/|$)")]
    private static partial Regex Index();

    [GeneratedRegex(@"[\[.][^ ]*")]
    private static partial Regex Item();
}
