using Platform.Processing;
using Platform.ServiceDefaults.Hosting;

var builder = PlatformHost.CreateBuilder(args, "processing");
builder.Services.AddProcessing();

var app = builder.Build();
app.UsePlatform();
app.MapProcessing();
return await app.RunPlatformAsync();
