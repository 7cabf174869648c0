using System.Text;
using Mailbox.Endpoints;

namespace MailboxServer.Tests.Endpoints;

public class RecipientsTests
{
    [Theory]
    [InlineData("""{"to":["a","b","c"],"data":1}""", 3, false)]
    [InlineData("""{"to":["a","b","c"],"data":1}""", 2, true)]
    [InlineData("""{"data":["a","b","c"],"to":["a"]}""", 2, false)]
    [InlineData("""{"data":{"to":["a","b","c"]},"to":["a"]}""", 2, false)]
    [InlineData("""{"data":1,"t\u006f":["a","a","a"]}""", 2, true)]
    [InlineData("""{"to":["a","b"],"more":["c","d","e"]}""", 2, false)]
    [InlineData("""{"to":[["a","b","c"]],"data":1}""", 2, false)]
    [InlineData("""{"to":["a","b","c"],""", 2, true)]
    [InlineData("""{"to":["a","b",,"c"]}""", 2, false)]
    [InlineData("""["to",["a","b","c"]]""", 2, false)]
    [InlineData("junk junk junk junk", 2, false)]
    [InlineData("", 0, false)]
    public void IsOver_Json_OnlyTheEntriesOfTo(string json, int most, bool expected) =>
        Recipients.IsOver(Encoding.UTF8.GetBytes(json), most).ShouldBe(expected);
}
