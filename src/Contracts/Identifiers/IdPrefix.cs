namespace Platform.Contracts.Identifiers;

/// <summary>The TypeID prefixes of the platform, one for each kind of object.</summary>
public static class IdPrefix
{
    public const string Organization = "org";
    public const string User = "usr";
    public const string ApiKey = "key";
    public const string Resource = "res";
    public const string File = "file";
    public const string Event = "evt";
    public const string Job = "job";
    public const string Trigger = "trg";
    public const string Schedule = "sch";
    public const string Workflow = "wfl";
    public const string DeadLetter = "dlq";
    public const string WebhookEndpoint = "whe";
    public const string Delivery = "dlv";
    public const string Replay = "rpl";
    public const string Request = "req";
}
