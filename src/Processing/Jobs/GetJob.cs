using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Jobs;

/// <summary><c>GET /v1/jobs/{id}</c>.</summary>
internal static class GetJob
{
    public static async Task<IResult> HandleAsync(string id, HttpContext http, ProcessingDatabase database)
    {
        if (!JobProblems.TryId(id, out var key))
        {
            return JobProblems.NotFound();
        }

        var (fields, invalid) = FieldSelection.Read(http, Job.FieldNames);
        if (invalid is not null)
        {
            return invalid;
        }

        var job = await JobRows.FindAsync(database, http.Principal().TenantId, key, http.RequestAborted);
        return job is null ? JobProblems.NotFound() : JsonAnswer.Ok(FieldSelection.Write(job.WriteTo, fields));
    }
}
