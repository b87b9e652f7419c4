/** The Chinese texts of `settings.auth.clients` and `settings.log_keep`, by the English ones. */
export const chineseOfClients: Readonly<Record<string, string>> = {
  "Clients with names: each with a key, a role, limits and budgets. Once one of them is an operator, `api_keys` are clients, too.":
    "有名称的客户端：各有自己的密钥、角色、限制和预算。只要其中有一个是 operator，`api_keys` 也就只是 client。",
  "A client with a name and a key of its own.": "有名称、有自己密钥的客户端。",
  "Stands for the client in the log, in metrics and in usage.": "在日志、指标和用量中代表该客户端。",
  "Its key, at least 16 characters.": "它的密钥，至少 16 个字符。",
  "SHA-256 of its key in hexadecimal, instead of `key`.": "密钥的 SHA-256（十六进制），用来代替 `key`。",
  "A client asks models. A monitor reads status, metrics and usage. An operator may do everything: reload, reset, control providers.":
    "client 请求模型；monitor 读取状态、指标和用量；operator 可以做一切：重新加载、重置、控制服务商。",
  "Models that it may ask for; `*` and `?` stand for any characters, in any case.":
    "允许请求的模型；`*` 和 `?` 代表任意字符，不分大小写。",
  "Providers that may serve it, by name; `*` and `?` as in `models`.":
    "允许为它服务的服务商名称；`*` 和 `?` 同 `models`。",
  "Limits of the client. A request above one is answered with 429 and `retry-after`.":
    "客户端的限制。超出限制的请求得到 429，带 `retry-after`。",
  "Requests under way at once.": "同时进行的请求数。",
  "Requests within any 60 seconds.": "任意 60 秒内的请求数。",
  "Tokens of input, output and cache writes within any 60 seconds; they are known when an answer ends.":
    "任意 60 秒内输入、输出和写入缓存的 token 数；要到回答结束时才知道。",
  "One budget or several, such as one a day and one a month.": "一个或多个预算，例如每天一个、每月一个。",
  "What a client may use in a day, week or month; each amount that is named counts.":
    "客户端每天、每周或每月可以使用的量；写出的每一项都算数。",
  "Cost in US dollars; costs in other currencies do not count.": "美元费用；其他货币的费用不计入。",
  "Cost in euros; costs in other currencies do not count.": "欧元费用；其他货币的费用不计入。",
  "Cost in yuan; costs in other currencies do not count.": "人民币费用；其他货币的费用不计入。",
  "Tokens of input, output and cache writes; what came from a cache does not count.":
    "输入、输出和写入缓存的 token 数；来自缓存的不计入。",
  "When it begins anew: at midnight, on Monday, on the first.": "何时重新开始：每天零点、每周一、每月一日。",
  "Whose midnight; default: that of the machine.": "以哪个时区的零点为准；默认是本机时区。",
  "A client with a higher one goes first where requests wait for a provider.":
    "请求排队等待服务商时，数值高的客户端先走。",
  "Says how much of the log is kept. A change takes effect after a restart.": "日志保留多少。更改在重启后生效。",
  "How many rotated files are kept beside the live one.": "除当前文件外，保留多少个轮换后的文件。",
  "When the live file is rotated.": "当前文件达到多大时轮换。",
  "Rotated files that were last written before are removed. Default: none for its age.":
    "删除最后写入早于此天数的轮换文件。默认不按时间删除。",
};
