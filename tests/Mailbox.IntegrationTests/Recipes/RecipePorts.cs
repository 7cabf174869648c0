using System.Globalization;
using System.Net.NetworkInformation;
using Mailbox.TestKit;

namespace Mailbox.IntegrationTests.Recipes;

/// <summary>The ports that a page has its readers use.</summary>
internal static class RecipePorts
{
    /// <summary>That port; when something else listens there, another one that stands in for it, in the text as well.</summary>
    public static (string Text, int Port) Settle(string text, int named)
    {
        if (IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().All(listener => listener.Port != named))
        {
            return (text, named);
        }

        var other = FreePorts.Take();
        return (text.Replace(Of(named), Of(other), StringComparison.Ordinal), other);
    }

    private static string Of(int port) => port.ToString(CultureInfo.InvariantCulture);
}
