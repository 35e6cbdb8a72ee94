using Platform.Auth;
using Platform.ServiceDefaults.Hosting;

var builder = PlatformHost.CreateBuilder(args, "auth");
builder.Services.AddAuth();

var app = builder.Build();
app.UsePlatform();
app.MapAuth();
return await app.RunPlatformAsync();
