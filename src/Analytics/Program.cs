using Platform.Analytics;
using Platform.ServiceDefaults.Hosting;

var builder = PlatformHost.CreateBuilder(args, "analytics");
builder.Services.AddAnalytics();

var app = builder.Build();
app.UsePlatform();
app.MapAnalytics();
return await app.RunPlatformAsync();
