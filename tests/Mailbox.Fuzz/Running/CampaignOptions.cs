namespace Mailbox.Fuzz.Running;

/// <param name="Duration">How long made inputs are thrown, after the kept ones.</param>
/// <param name="Output">The folder for what was found.</param>
/// <param name="MostFindings">After so many it ends: what is broken need not be shown a thousand times.</param>
internal sealed record CampaignOptions(int Seed, TimeSpan Duration, int Loops, string Output, int MostFindings = 20);
