using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Demos;

/// <summary>A person in a room, with a browser of their own.</summary>
internal sealed class ChatPage(DemoPage page, string person) : IAsyncDisposable
{
    public DemoPage Page => page;

    public string Person => person;

    /// <summary>Comes in by the form, and uses nothing but the keyboard.</summary>
    public static async Task<ChatPage> EnterAsync(IBrowserContext context, Uri origin, string room, string person)
    {
        var page = await DemoPage.OpenAsync(context, origin, "/demos/chat");
        await page.Page.FocusAsync("#room");
        await page.Page.Keyboard.PressAsync("Control+A");
        await page.Page.Keyboard.TypeAsync(room);
        await page.Page.Keyboard.PressAsync("Tab");
        await page.Page.Keyboard.TypeAsync(person);
        await page.Page.Keyboard.PressAsync("Enter");
        return await SettledAsync(new ChatPage(page, person));
    }

    /// <summary>Comes back by the address of the room, which the form made.</summary>
    public static async Task<ChatPage> ReturnAsync(IBrowserContext context, Uri origin, string room, string person) =>
        await SettledAsync(new ChatPage(await DemoPage.OpenAsync(context, origin, $"/demos/chat#{room}/{person}"), person));

    /// <summary>Types a line and presses Enter. It is on its way then, and perhaps not further.</summary>
    public async Task SayAsync(string text)
    {
        await page.Page.FillAsync("#text", text);
        await page.Page.PressAsync("#text", "Enter");
    }

    /// <summary>What stands in the window: name and text of each line, in order.</summary>
    public Task<string[]> LinesAsync() => page.Page.EvaluateAsync<string[]>(
        "() => [...document.querySelectorAll('#lines li')].map(line => [...line.childNodes].map(node => node.textContent).join(': '))");

    public Task UntilLinesAsync(int count) => page.UntilAsync($"document.querySelectorAll('#lines li').length >= {count}");

    public Task UntilLineAsync(string text) =>
        page.UntilAsync($"[...document.querySelectorAll('#lines li')].some(line => line.lastChild.textContent === '{text}')");

    public Task UntilSentAsync() => page.UntilAsync("document.querySelectorAll('#unsent li').length === 0");

    public Task UntilHereAsync(string people) => page.UntilAsync($"document.getElementById('here').textContent === '{people}'");

    /// <summary>The window is closed; what the browser keeps stays.</summary>
    public Task CloseWindowAsync() => page.Page.CloseAsync();

    public ValueTask DisposeAsync() => page.DisposeAsync();

    /// <summary>A member, and present: it hears of itself only by the room.</summary>
    private static async Task<ChatPage> SettledAsync(ChatPage chat)
    {
        await chat.Page.UntilAsync($"document.getElementById('here').textContent.split(', ').includes('{chat.Person}')");
        return chat;
    }
}
