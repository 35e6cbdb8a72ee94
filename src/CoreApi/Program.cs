using Platform.CoreApi;
using Platform.ServiceDefaults.Hosting;

var builder = PlatformHost.CreateBuilder(args, "core");
builder.Services.AddCoreApi();

var app = builder.Build();
app.UsePlatform();
app.MapCoreApi();
return await app.RunPlatformAsync();
