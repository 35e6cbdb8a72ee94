using Platform.ServiceDefaults.Problems;

namespace Platform.ServiceDefaults.Grpc.Transcoding;

/// <summary>A request message that REST has no words for.</summary>
internal static class InvalidInput
{
    public static GrpcException Of(string field, string code, string detail) =>
        new(ProblemStatus.Of(KnownProblems.Validation("/" + field, code, detail)));
}
