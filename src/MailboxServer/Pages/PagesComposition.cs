namespace Mailbox.Pages;

/// <summary>Which pages a node serves: the browser library always, the console where it is on, the demos in Development.</summary>
internal static class PagesComposition
{
    public const string Console = "/console";
    public const string Demos = "/demos";
    public const string Library = "/mailbox.js";

    public static void MapPages(this WebApplication app, ConsoleOptions console)
    {
        Map(app, Library);
        if (console.IsOn)
        {
            Map(app, Console);
        }

        if (app.Environment.IsDevelopment())
        {
            Map(app, Demos);
        }
    }

    /// <summary>They hold nothing that is not in the program itself; what they show, they ask for with the rights of who looks.</summary>
    private static void Map(WebApplication app, string prefix)
    {
        foreach (var file in PageFile.Under(prefix))
        {
            app.MapMethods(file.Path, ["GET", "HEAD"], file.WriteAsync).AllowAnonymous().ExcludeFromDescription();
        }
    }
}
