using System.Globalization;
using Platform.Processing.Schedules.Cron;

namespace Platform.Processing.Tests.Schedules;

/// <summary>When cron expressions come, in zones that put their clocks forward and back.</summary>
public sealed class CronTimesTests
{
    [Theory]
    // 29 March 2026 in Berlin: 02:00 is followed by 03:00, at 01:00 UTC.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00", "28T01:30 29T01:00 30T00:30")]
    [InlineData("0,15,30 2 * * *", "Europe/Berlin", "2026-03-29T00:00", "29T01:00 30T00:00 30T00:15")]
    [InlineData("*/20 2 * * *", "Europe/Berlin", "2026-03-29T00:00", "29T01:00 30T00:00 30T00:20")]
    [InlineData("0 */2 * * *", "Europe/Berlin", "2026-03-28T22:59", "28T23:00 29T01:00 29T02:00")]
    [InlineData("0 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00", "29T01:00 30T00:00")]
    [InlineData("30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00", "29T01:00 29T01:30 30T00:30")]
    [InlineData("15 * * * *", "Europe/Berlin", "2026-03-28T23:30", "29T00:15 29T01:15 29T02:15")]
    [InlineData("0 3 29 3 *", "Europe/Berlin", "2026-01-01T00:00", "29T01:00")]

    // 25 October 2026 in Berlin: 03:00 is followed by 02:00, at 01:00 UTC.
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "25T00:30 26T01:30")]
    [InlineData("0,30 2,3 * * *", "Europe/Berlin", "2026-10-24T12:00", "25T00:00 25T00:30 25T02:00 25T02:30 26T01:00")]
    [InlineData("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "25T00:00 25T00:30 25T01:00 25T01:30 26T01:00")]
    [InlineData("0 * * * *", "Europe/Berlin", "2026-10-24T23:30", "25T00:00 25T01:00 25T02:00")]
    [InlineData("0 2-3 * * *", "Europe/Berlin", "2026-10-24T12:00", "25T00:00 25T01:00 25T02:00 26T01:00")]

    // New York: 8 March 2026 at 07:00 UTC forward, 1 November at 06:00 UTC back.
    [InlineData("30 2 * * *", "America/New_York", "2026-03-07T12:00", "08T07:00 09T06:30")]
    [InlineData("*/10 2 * * *", "America/New_York", "2026-03-08T00:00", "08T07:00 09T06:00")]
    [InlineData("30 1 * * *", "America/New_York", "2026-10-31T12:00", "01T05:30 02T06:30")]
    [InlineData("*/30 1 * * *", "America/New_York", "2026-10-31T12:00", "01T05:00 01T05:30 01T06:00 01T06:30 02T06:00")]

    // Lord Howe moves by half an hour: 4 October 2026 from 02:00 to 02:30 (15:30 UTC the day before), 5 April from 02:00 back to 01:30 (15:00 UTC).
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00", "03T15:30 04T15:15")]
    [InlineData("15 * * * *", "Australia/Lord_Howe", "2026-10-03T14:00", "03T14:45 03T16:15")]
    [InlineData("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00", "04T14:45 05T15:15")]
    [InlineData("*/15 1 * * *", "Australia/Lord_Howe", "2026-04-04T13:59", "04T14:00 04T14:15 04T14:30 04T14:45 04T15:00 04T15:15 05T14:30")]
    [InlineData("15 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00", "04T14:15 05T14:45")]

    // The clocks of Santiago go forward at midnight: 6 September 2026 has no first hour (04:00 UTC).
    [InlineData("0 0 * * *", "America/Santiago", "2026-09-05T00:00", "05T04:00 06T04:00 07T03:00")]
    [InlineData("@daily", "Asia/Kathmandu", "2026-01-01T00:00", "01T18:15 02T18:15")]
    public void Where_clocks_are_moved(string cron, string zone, string after, string expected) => Check(cron, zone, after, expected, "dd'T'HH:mm");

    [Theory]
    [InlineData("0 0 L * *", "2026-01-31T00:00", "2026-02-28 2026-03-31")]
    [InlineData("0 0 L-2 2 *", "2027-03-01T00:00", "2028-02-27 2029-02-26")]
    [InlineData("0 0 L-30 * *", "2026-01-02T00:00", "2026-03-01 2026-05-01")]
    [InlineData("0 0 * * 5L", "2026-01-01T00:00", "2026-01-30 2026-02-27")]
    [InlineData("0 0 * * mon#1", "2026-01-01T00:00", "2026-01-05 2026-02-02")]
    [InlineData("0 0 * * 0#5", "2026-01-01T00:00", "2026-03-29 2026-05-31")]
    [InlineData("0 0 13 * 5", "2026-01-01T00:00", "2026-01-02 2026-01-09 2026-01-13 2026-01-16")]
    [InlineData("0 0 13 * *", "2026-01-01T00:00", "2026-01-13 2026-02-13")]
    [InlineData("0 0 ? JAN-MAR MON", "2026-03-20T00:00", "2026-03-23 2026-03-30 2027-01-04")]
    [InlineData("0 0 29 2 *", "2026-01-01T00:00", "2028-02-29 2032-02-29")]
    [InlineData("0 0 29 2 *", "2096-12-31T00:00", "2104-02-29")]
    [InlineData("0 0 29 2 */7", "2026-01-01T00:00", "2032-02-29 2060-02-29")]
    [InlineData("0 0 * * FRI-MON", "2026-01-01T00:00", "2026-01-02 2026-01-03 2026-01-04 2026-01-05 2026-01-09")]
    [InlineData("0 0 * * 5-7", "2026-01-01T00:00", "2026-01-02 2026-01-03 2026-01-04 2026-01-09")]
    [InlineData("0 0 1,15 */6 *", "2026-01-01T12:00", "2026-01-15 2026-07-01 2026-07-15 2027-01-01")]
    [InlineData("@yearly", "2026-01-01T00:00", "2027-01-01")]
    [InlineData("@Weekly", "2026-01-01T00:00", "2026-01-04 2026-01-11")]
    public void On_the_calendar(string cron, string after, string expected) => Check(cron, "UTC", after, expected, "yyyy-MM-dd");

    [Theory]
    [InlineData("5/20 9-10 * * *", "2026-01-01T00:00", "09:05 09:25 09:45 10:05")]
    [InlineData("0-10/5,30 0 * * *", "2026-01-01T00:00", "00:05 00:10 00:30 00:00")]
    [InlineData("59 23 31 12 *", "2026-01-01T00:00", "23:59 23:59")]
    [InlineData("  0\t*/12   * * *  ", "2026-01-01T00:00", "12:00 00:00")]
    [InlineData("@hourly", "2026-01-01T00:59:59.9", "01:00 02:00")]
    public void On_the_clock(string cron, string after, string expected) => Check(cron, "UTC", after, expected, "HH:mm");

    [Theory]
    [InlineData("", "five fields")]
    [InlineData("* * * *", "five fields")]
    [InlineData("0 0 12 * * ?", "there are no seconds")]
    [InlineData("60 * * * *", "The minute '60' is not valid: it is a number from 0 to 59")]
    [InlineData("* 24 * * *", "The hour '24'")]
    [InlineData("* * 0 * *", "The day of the month '0'")]
    [InlineData("* * 32 * *", "The day of the month '32'")]
    [InlineData("* * * 13 *", "The month '13'")]
    [InlineData("* * * * 8", "The weekday '8'")]
    [InlineData("* * * FOO *", "The month 'FOO' is not valid: it is a number from 1 to 12 or a name such as FEB")]
    [InlineData("*/0 * * * *", "a step that is not a number from 1 to 59")]
    [InlineData("*/60 * * * *", "a step")]
    [InlineData("*/ * * * *", "a step")]
    [InlineData("30-10 * * * *", "goes backwards")]
    [InlineData("1,,2 * * * *", "an empty part")]
    [InlineData("1- * * * *", "empty part")]
    [InlineData("-1 * * * *", "empty part")]
    [InlineData("? * * * *", "The minute '?'")]
    [InlineData("* * LW * *", "The day of the month 'LW'")]
    [InlineData("* * L-31 * *", "at most L-30")]
    [InlineData("* * * * L", "does not say which")]
    [InlineData("* * * * 1#6", "a place in the month")]
    [InlineData("* * * * 9L", "The weekday '9'")]
    [InlineData("* * 30 2 *", "never comes")]
    [InlineData("@reboot", "'@reboot' is none of")]
    [InlineData("٣ * * * *", "The minute")]
    [InlineData("99999999999999999999 * * * *", "The minute")]
    public void What_is_wrong_is_said(string cron, string fault)
    {
        var (expression, said) = CronParser.Parse(cron);
        Assert.Null(expression);
        Assert.Contains(fault, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mars/Base")]
    [InlineData("europe/berlin")]
    [InlineData("W. Europe Standard Time")]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/localtime")]
    [InlineData("posix/Europe/Berlin")]
    [InlineData("localtime")]
    [InlineData("")]
    public void No_such_zone(string name) => Assert.Null(ZoneCalendar.Find(name));

    private static void Check(string cron, string zone, string after, string expected, string format)
    {
        var (expression, fault) = CronParser.Parse(cron);
        Assert.Null(fault);
        var times = new CronTimes(expression!, ZoneCalendar.Find(zone)!);
        var wanted = expected.Split(' ');
        var at = DateTimeOffset.Parse(after + "Z", CultureInfo.InvariantCulture);
        var found = times.Between(at, DateTimeOffset.MaxValue).Take(wanted.Length).Select(t => t.ToString(format, CultureInfo.InvariantCulture));
        Assert.Equal(wanted, found);
    }
}
