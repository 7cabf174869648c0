using Mailbox.Access;

namespace MailboxServer.Tests.Access;

public class RightsTests
{
    [Theory]
    [InlineData("user-42", "user-42", true)]
    [InlineData("user-42", "user-421", false)]
    [InlineData("user-42", "user-42.a", false)]
    [InlineData("user-42", "USER-42", false)]
    [InlineData("user-42.*", "user-42.a", true)]
    [InlineData("user-42.*", "user-42.", true)]
    [InlineData("user-42.*", "user-42", false)]
    [InlineData("user-42.*", "user-421", false)]
    [InlineData("user-42.*", "user-421.a", false)]
    [InlineData("user-4*", "user-42", true)]
    [InlineData("*", "user-42", true)]
    [InlineData("*", "~system", false)]
    [InlineData("~*", "~system", true)]
    [InlineData("~*", "user-42", false)]
    [InlineData("**", "user-42", false)]
    [InlineData("*user-42", "user-42", false)]
    [InlineData("user*42", "user42", false)]
    [InlineData("a  user-42\t", "user-42", false)]
    [InlineData("a  user-42 ", "user-42", true)]
    [InlineData("", "user-42", false)]
    [InlineData(".*", ".a", false)]
    public void May_Pattern_MatchesWholeNamesAndBeginnings(string patterns, string mailbox, bool may) =>
        Rights.Of(("mailbox.open", patterns)).May(Scope.Open, mailbox).ShouldBe(may);

    [Theory]
    [InlineData("group:news", "news", true)]
    [InlineData("group:news", "newsletter", false)]
    [InlineData("group:news*", "newsletter", true)]
    [InlineData("group:*", "news", true)]
    [InlineData("*", "news", true)]
    [InlineData("news", "news", false)]
    [InlineData("n*", "news", false)]
    [InlineData("g*", "news", false)]
    [InlineData("group*", "news", false)]
    [InlineData("group:", "news", false)]
    [InlineData("group:**", "news", false)]
    [InlineData("group:group:*", "news", false)]
    public void MayGroup_Pattern_OnlyThatOfGroups(string patterns, string group, bool may) =>
        Rights.Of(("mailbox.deliver", patterns)).MayGroup(Scope.Deliver, group).ShouldBe(may);

    [Theory]
    [InlineData("group:news")]
    [InlineData("group:*")]
    public void May_PatternOfGroups_IsNoneOfMailboxes(string pattern) =>
        Rights.Of(("mailbox.deliver", pattern)).May(Scope.Deliver, "news").ShouldBeFalse();

    [Theory]
    [InlineData("mailbox.open", true, false, false)]
    [InlineData("mailbox.deliver", false, true, false)]
    [InlineData("mailbox.admin", true, true, true)]
    [InlineData("mailbox.Open", false, false, false)]
    [InlineData("open", false, false, false)]
    public void May_Scope_AdminAloneIsTheOthersToo(string scope, bool open, bool deliver, bool admin)
    {
        var rights = Rights.Of((scope, "a"));
        rights.May(Scope.Open, "a").ShouldBe(open);
        rights.May(Scope.Deliver, "a").ShouldBe(deliver);
        rights.May(Scope.Admin, "a").ShouldBe(admin);
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "user-42", true)]
    [InlineData("user-42.*", "user-42.", true)]
    [InlineData("user-42.*", "user-42.a", true)]
    [InlineData("user-42.*", "user-42", false)]
    [InlineData("user-42.*", "", false)]
    [InlineData("user-42", "user-42", false)]
    public void MayList_Prefix_OnlyWhereEveryNameIsTheCallers(string pattern, string prefix, bool may)
    {
        Rights.Of(("mailbox.admin", pattern)).MayList(prefix).ShouldBe(may);
        Rights.Of(("mailbox.open", pattern), ("mailbox.deliver", pattern)).MayList(prefix).ShouldBeFalse();
    }

    [Theory]
    [InlineData("mailbox.open:user-42.*", true)]
    [InlineData("mailbox.admin:*", true)]
    [InlineData("mailbox.deliver:~x", true)]
    [InlineData("mailbox.open:", false)]
    [InlineData("mailbox.open", false)]
    [InlineData("mailbox.open:a:b", false)]
    [InlineData("mailbox.open:a b", false)]
    [InlineData("mailbox.open:a*b", false)]
    [InlineData("mailbox.read:a", false)]
    [InlineData(":a", false)]
    [InlineData("", false)]
    public void IsGrant_Text_IsAScopeAndAPattern(string text, bool isGrant) => Rights.IsGrant(text).ShouldBe(isGrant);

    [Fact]
    public void None_Anything_MayNothing()
    {
        Rights.None.May(Scope.Open, "a").ShouldBeFalse();
        Rights.None.MayList("a").ShouldBeFalse();
        Rights.All.May(Scope.Admin, "a").ShouldBeTrue();
        Rights.All.May(Scope.Open, "~events").ShouldBeTrue();
    }
}
