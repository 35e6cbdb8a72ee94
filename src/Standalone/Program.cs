return await Platform.Standalone.StandaloneHost.RunAsync(args);
