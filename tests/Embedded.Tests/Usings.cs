global using Xunit;

// They look at /proc and file modes.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

// Every test starts servers of its own; two at a time are enough for a small machine.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
