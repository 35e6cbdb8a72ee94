using Platform.Notifications;
using Platform.ServiceDefaults.Hosting;

var builder = PlatformHost.CreateBuilder(args, "notifications");
builder.Services.AddNotifications();

var app = builder.Build();
app.UsePlatform();
app.MapNotifications();
return await app.RunPlatformAsync();
