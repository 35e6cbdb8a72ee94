using Platform.Contracts.Identifiers;
using Platform.CoreApi.Files.Links;
using Platform.ServiceDefaults.OpenApi;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.Files;

/// <summary>The routes of files, for the document.</summary>
internal static class FilesDescriptions
{
    private const string AnyType = "*/*";
    private const int MaxLink = 7 * 24 * 60 * 60;
    private const int MaxUploadLink = 24 * 60 * 60;

    private static readonly Schema Label = Schema.ListOf(Schema.Text("`name:value`.", 319, 2, "^[^:]+:.*$"), "A label; may be repeated.", 64);
    private static readonly Schema Content = Schema.Anything("The content, as it is.");

    private static readonly Schema Stored = Schema.Object("StoredFile", "A file without its content. It does not change.",
        ("id", Schema.Id(IdPrefix.File, "Its id, in order of creation.")),
        ("name", Schema.Text("What it is called.", 255, 1)),
        ("content_type", Schema.Text("As the upload said.", 255, 1)),
        ("size", Schema.Whole("Bytes.", 0, Schema.MaxWhole)),
        ("sha256", Schema.Text("Of the content, in hexadecimal. Also its `ETag`.", 64, 64, "^[0-9a-f]{64}$")),
        ("labels", Schema.Map("Names and values to find it by.")),
        ("created_at", Schema.Time("When it was stored.")))
        .Such("""
            {"id": "file_01jk2m3n4p5q6r7s8t9v0w1x2y", "name": "photo.png", "content_type": "image/png", "size": 48213,
             "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "labels": {"album": "summer"}, "created_at": "2026-01-31T12:00:00Z"}
            """);

    private static readonly Parameter Id = Parameter.Path("id", Schema.Id(IdPrefix.File, "The file."));

    private static readonly Parameter[] Ranges =
    [
        new("Range", "header", Schema.Text("One range of bytes. Several, or what is no range, give the whole file.", 255, 1)) { Example = "bytes=0-1023" },
        new("If-Range", "header", Schema.Text("The range only if this is still the file: its entity tag.", 255, 1)),
    ];

    private static readonly (string, string)[] Headers =
    [
        ("Accept-Ranges", "`bytes`."),
        ("Content-Disposition", "`attachment` or `inline`, and the name."),
    ];

    private static readonly Answer[] Contents =
    [
        new(200, "The content.", Content) { MediaType = AnyType, HasETag = true, Headers = Headers },
        new(206, "The range that was asked for.", Content) { MediaType = AnyType, HasETag = true, Headers = [.. Headers, ("Content-Range", "Which bytes, of how many.")] },
    ];

    private static readonly Parameter[] Digests =
    [
        new("X-Content-SHA256", "header", Schema.Text("The file's SHA-256 in hexadecimal.", 64, 64, "^[0-9A-Fa-f]{64}$")),
        new("Content-Digest", "header", Schema.Text("RFC 9530: of the body as it is sent.", 1024, 1)) { Example = "sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:" },
    ];

    private static readonly Schema Link = Schema
        .Object("FileLink", "A link to a file.", ("url", Schema.Text("Where it is read, or uploaded to.", 8192, 1, format: "uri")), ("expires_at", Schema.Time("Until when.")))
        .Such("""{"url": "https://platform.example.com/v1/files/file_01jk2m3n4p5q6r7s8t9v0w1x2y/shared?token=AQ", "expires_at": "2026-01-31T12:15:00Z"}""");

    public static readonly Operation Upload = new("uploadFile", Tags.Files, "Upload a file")
    {
        Description = """
            The body is the content itself, whose type is believed, or `multipart/form-data` with one file and nothing else. `X-Content-SHA256` or `Content-Digest` refuse what arrives damaged. The limits
            of the organization are kept while the body arrives; what is refused or breaks off leaves nothing behind. The same content, name, type and labels under the same `Idempotency-Key`
            give the first one's answer. Emits `file.created`.
            """,
        Parameters =
        [
            Parameter.Query("name", Schema.Text("What it is called: no path. Else the file name in `Content-Disposition`, else `file`.", 255, 1)),
            Parameter.Query("label", Label),
            .. Digests,
        ],
        Body = new(Content) { MediaTypes = [AnyType] },
        Answers = [Answer.Created(Stored, "The file's document.") with { HasETag = true }],
        Errors =
        [
            FileProblems.MalformedMultipart("The body holds no file."), FileProblems.DigestMismatch("X-Content-SHA256"), FileProblems.QuotaExceeded(10_737_418_240),
            KnownProblems.BodyTooLarge(1_073_741_824), FileProblems.TypeNotAllowed("text/html", "image/*"), FileProblems.EncodingNotSupported(),
        ],
        InputCodes = ["duplicate"],
    };

    public static readonly Operation List = new("listFiles", Tags.Files, "List files")
    {
        Description = "Documents, in order of creation.",
        Parameters =
        [
            Parameter.Query("label", Label.As("Only with these labels; may be repeated.")),
            Parameter.Query("sort", Schema.OneOf("The order.", "created_at", "-created_at").With("default", "created_at")),
            .. Parameter.Page,
        ],
        Answers = [Answer.Ok(Schema.PageOf(Stored), "A page.")],
        InputCodes = ["duplicate"],
    };

    public static readonly Operation Download = new("downloadFile", Tags.Files, "Download a file")
    {
        Description = "The content, or a range of it; `HEAD` gives the headers alone. It is never sent as a page of ours: it comes as an attachment, sandboxed.",
        Parameters = [Id, .. Ranges],
        Heeds = Heeds.IfMatch | Heeds.IfNoneMatch,
        Answers = Contents,
        Errors = [FileProblems.NotFound(), FileProblems.RangeNotSatisfiable(48_213)],
    };

    public static readonly Operation Metadata = new("getFileMetadata", Tags.Files, "Get a file's document")
    {
        Description = "It has a path of its own, since a file can be JSON itself.",
        Parameters = [Id],
        Heeds = Heeds.IfNoneMatch,
        Answers = [Answer.Ok(Stored, "The document.") with { HasETag = true }],
        Errors = [FileProblems.NotFound()],
    };

    public static readonly Operation Delete = new("deleteFile", Tags.Files, "Delete a file")
    {
        Description = "The content follows within a minute. Emits `file.deleted`.",
        Parameters = [Id],
        Heeds = Heeds.IfMatch,
        Answers = [Answer.NoContent("Deleted.")],
        Errors = [FileProblems.NotFound()],
    };

    public static readonly Operation Presign = new("presignFile", Tags.Files, "Make a link to a file")
    {
        Description = "Whoever has the URL reads the content without a key, until it expires or the file is deleted. On S3 it can be the store's own.",
        Parameters = [Id],
        Body = new(
            Schema.Input("NewFileLink", "How long, and how it is shown.",
                ("expires_in?", Schema.Whole("Seconds.", 1, MaxLink).With("default", 900)),
                ("disposition?", Schema.OneOf("Whether a browser saves it or shows it.", "attachment", "inline").With("default", "attachment")))
                .Such("""{"expires_in": 900, "disposition": "attachment"}"""),
            IsRequired: false),
        Answers = [Answer.Ok(Link, "The link.")],
        Errors = [FileProblems.NotFound()],
    };

    public static readonly Operation PresignUpload = new("presignUpload", Tags.Files, "Make a link for an upload")
    {
        Description = "Whoever has the URL can `PUT` one file there without a key, once, until it expires. What is not said here is as the upload says.",
        Body = new(
            Schema.Input("NewUploadLink", "What may be uploaded, and for how long.",
                ("name?", Schema.Text("What the file is called: no path.", 255, 1).With("default", FileInput.DefaultName)),
                ("content_type?", Schema.Text("What the upload's `Content-Type` must be.", 255, 1)),
                ("labels?", Schema.Map("The file's labels.")),
                ("max_bytes?", Schema.Whole("Bytes that it may have; the organization's limit by default.", 1, Schema.MaxWhole)),
                ("sha256?", Schema.Text("What it must be: its SHA-256 in hexadecimal.", 64, 64, "^[0-9A-Fa-f]{64}$")),
                ("expires_in?", Schema.Whole("Seconds.", 1, MaxUploadLink).With("default", 900)))
                .Such("""{"name": "photo.png", "content_type": "image/png", "labels": {"album": "summer"}, "max_bytes": 1048576, "expires_in": 900}""")),
        Answers = [Answer.Ok(Link, "The link.")],
        Errors = [FileProblems.TypeNotAllowed("text/html", "image/*")],
    };

    public static readonly Operation UploadByLink = new("uploadFileByLink", Tags.Files, "Upload a file by a link")
    {
        Description = "The content, or a form with one file, from whoever has the link. The same content again gives the same answer, with 200; other content under a link that was used is refused.",
        Parameters = [Parameter.Query("token", Schema.Text("As the link has it.", UploadGrant.MaxToken, 1)) with { IsRequired = true }, .. Digests],
        Body = new(Content) { MediaTypes = [AnyType] },
        Answers =
        [
            Answer.Created(Stored, "The file's document.") with { HasETag = true },
            Answer.Ok(Stored, "The answer of an earlier upload of the same content by this link, which was 201.") with { HasETag = true, HasLocation = true, Headers = [("Idempotency-Replayed", "`true`.")] },
        ],
        Errors =
        [
            FileProblems.LinkInvalid(), KnownProblems.IdempotencyInProgress(), KnownProblems.IdempotencyKeyReused(), FileProblems.MalformedMultipart("The body holds no file."), FileProblems.DigestMismatch("X-Content-SHA256"), FileProblems.QuotaExceeded(10_737_418_240),
            KnownProblems.BodyTooLarge(1_073_741_824), FileProblems.TypeNotAllowed("text/html", "image/*"), FileProblems.EncodingNotSupported(), KnownProblems.Unavailable(),
        ],
    };

    public static readonly Operation Shared = new("downloadSharedFile", Tags.Files, "Download a file by its link")
    {
        Description = "The content, for whoever has the link.",
        Parameters = [Id, Parameter.Query("token", Schema.Text("As the link has it.", 1024, 1)) with { IsRequired = true }, .. Ranges],
        Heeds = Heeds.IfMatch | Heeds.IfNoneMatch,
        Answers = Contents,
        Errors = [FileProblems.LinkInvalid(), FileProblems.NotFound(), FileProblems.RangeNotSatisfiable(48_213), KnownProblems.Unavailable()],
    };
}
