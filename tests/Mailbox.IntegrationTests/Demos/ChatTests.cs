using Mailbox.TestKit;
using Microsoft.Playwright;

namespace Mailbox.IntegrationTests.Demos;

/// <summary>The chat at <c>/demos/chat</c>.</summary>
[Collection(Console.OwnPages.Name)]
public sealed class ChatTests(DemoBrowser browser)
{
    [Fact]
    public async Task While_a_node_is_killed_and_Redis_restarts_every_line_is_in_every_window_once_and_in_one_order()
    {
        const int Each = 4; // lines of a person in each act
        string[] people = ["anna", "ben", "cleo", "dora", "emil"];
        await using var site = await DemoSite.StartAsync();
        var contexts = await Task.WhenAll(people.Select(_ => browser.Chromium!.NewContextAsync()));
        var windows = await Task.WhenAll(people.Select((person, i) => ChatPage.EnterAsync(contexts[i], site.Front, "kitchen", person)));

        await TalkAsync("first");
        await Task.WhenAll(windows.Select(window => window.UntilLinesAsync(people.Length)));
        await Task.WhenAll(TalkAsync("node"), site.Serving.KillAsync());
        await Task.WhenAll(TalkAsync("redis"), RestartRedisAsync());
        await TalkAsync("last");
        await Task.WhenAll(windows.Select(window => window.UntilSentAsync()));

        // Nothing more can come once a line of each that was said after all others is there.
        await Task.WhenAll(windows.Select(window => window.SayAsync("good night")));
        var count = people.Length * ((4 * Each) + 1);
        await Task.WhenAll(windows.Select(window => window.UntilLinesAsync(count)));

        var said = people.SelectMany(OfAll).ToArray();
        var lines = await Task.WhenAll(windows.Select(window => window.LinesAsync()));
        foreach (var window in lines)
        {
            window.Order(StringComparer.Ordinal).ShouldBe(said.Order(StringComparer.Ordinal));
            window.ShouldBe(lines[0]); // a group has one order
            foreach (var person in people)
            {
                window.Where(line => line.StartsWith(person, StringComparison.Ordinal)).ShouldBe(OfAll(person));
            }
        }

        await windows[0].Page.ShootAsync("chat");
        foreach (var window in windows)
        {
            window.Page.ShouldBeClean(isBroken: true);
            await window.DisposeAsync();
        }

        IEnumerable<string> OfAll(string person) =>
            [.. from act in new[] { "first", "node", "redis", "last" } from i in Enumerable.Range(1, Each) select $"{person}: {act} {i}", $"{person}: good night"];

        Task TalkAsync(string act) => Task.WhenAll(windows.Select(async window =>
        {
            for (var i = 1; i <= Each; i++)
            {
                await window.SayAsync($"{act} {i}");
            }
        }));

        async Task RestartRedisAsync()
        {
            await site.Redis.KillAsync();
            await site.Redis.RestartAsync();
        }
    }

    [Fact]
    public async Task Who_closed_the_window_finds_what_was_said_before_and_meanwhile()
    {
        await using var site = await ChatNode.StartAsync();
        var (annas, bens) = (await browser.Chromium!.NewContextAsync(), await browser.Chromium.NewContextAsync());
        await using var ben = await ChatPage.EnterAsync(bens, site.Address, "kitchen", "ben");
        var away = await ChatPage.EnterAsync(annas, site.Address, "kitchen", "anna");
        await ben.UntilHereAsync("anna, ben");
        await away.UntilHereAsync("anna, ben");
        await ben.SayAsync("tea?");
        await away.UntilLineAsync("tea?");

        await away.CloseWindowAsync();
        await ben.SayAsync("it is getting cold");
        await ben.SayAsync("<img src=x onerror=alert(1)>");
        await ben.UntilLinesAsync(3);
        await using var back = await ChatPage.ReturnAsync(annas, site.Address, "kitchen", "anna");

        await back.UntilLinesAsync(3);
        await back.SayAsync("here I am");
        await back.UntilLineAsync("here I am");
        await ben.UntilLineAsync("here I am");
        string[] all = ["ben: tea?", "ben: it is getting cold", "ben: <img src=x onerror=alert(1)>", "anna: here I am"];
        (await back.LinesAsync()).ShouldBe(all);
        (await ben.LinesAsync()).ShouldBe(all);
        back.Page.ShouldBeClean();
        ben.Page.ShouldBeClean();
    }

    [Fact]
    public async Task What_could_not_be_sent_is_sent_once_when_the_window_is_opened_again()
    {
        await using var site = await ChatNode.StartAsync();
        var context = await browser.Chromium!.NewContextAsync();
        var anna = await ChatPage.EnterAsync(context, site.Address, "kitchen", "anna");
        await context.SetOfflineAsync(true);
        await anna.SayAsync("one");
        await anna.SayAsync("two");
        await anna.Page.UntilAsync("document.querySelectorAll('#unsent li').length === 2");
        await anna.CloseWindowAsync();
        await context.SetOfflineAsync(false);

        await using var back = await ChatPage.ReturnAsync(context, site.Address, "kitchen", "anna");

        await back.SayAsync("three");
        await back.UntilLineAsync("three");
        (await back.LinesAsync()).ShouldBe(["anna: one", "anna: two", "anna: three"]);
        await back.UntilSentAsync();
        back.Page.ShouldBeClean();
    }

    [Fact]
    public async Task Of_two_windows_of_a_person_the_newer_one_goes_on_and_the_other_says_so()
    {
        await using var site = await ChatNode.StartAsync();
        await using var first = await ChatPage.EnterAsync(await browser.Chromium!.NewContextAsync(), site.Address, "kitchen", "anna");
        await using var second = await ChatPage.EnterAsync(await browser.Chromium.NewContextAsync(), site.Address, "kitchen", "anna");

        await first.Page.UntilTextAsync("state", "Open in another window");
        (await first.Page.Page.IsDisabledAsync("#text")).ShouldBeTrue();
        await second.SayAsync("hello");
        await second.UntilLineAsync("hello");
        (await first.LinesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Rooms_do_not_hear_each_other_and_a_line_that_is_refused_is_told()
    {
        await using var site = await ChatNode.StartAsync(("Mailbox:MaxMessageBytes", "1024"));
        var context = await browser.Chromium!.NewContextAsync();
        await using var kitchen = await ChatPage.EnterAsync(context, site.Address, "kitchen", "anna");
        var garden = await ChatPage.EnterAsync(context, site.Address, "garden", "anna");

        await garden.SayAsync(new string('x', 1_500));
        await garden.SayAsync("short");
        await garden.UntilLineAsync("short");
        await kitchen.SayAsync("quiet here");
        await kitchen.UntilLineAsync("quiet here");

        var lines = await garden.LinesAsync();
        lines.Length.ShouldBe(2);
        lines[0].ShouldStartWith("—: Not sent: “xxx");
        lines[1].ShouldBe("anna: short");
        (await kitchen.LinesAsync()).ShouldBe(["anna: quiet here"]);
    }
}

/// <summary>One node and its Redis, as <c>./dev run</c> starts them: the chat needs no more.</summary>
internal sealed class ChatNode(RedisServer redis, MailboxNode node) : IAsyncDisposable
{
    public Uri Address => node.BaseAddress;

    public static async Task<ChatNode> StartAsync(params (string Name, string Value)[] settings)
    {
        var redis = await RedisServer.StartAsync();
        return new ChatNode(redis, await MailboxNode.StartAsync(redis, new MailboxNodeOptions
        {
            Environment = "Development",
            StartDeadline = Patience.Start,
            Settings = settings.Append(Cluster.Unhurried).ToDictionary(setting => setting.Name, setting => setting.Value),
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await redis.DisposeAsync();
    }
}
