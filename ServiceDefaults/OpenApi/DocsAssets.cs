namespace Platform.ServiceDefaults.OpenApi;

/// <summary>The page's style and script.</summary>
internal static class DocsAssets
{
    public const string Style = """
        :root{color-scheme:light dark;--line:light-dark(#ddd,#333);--soft:light-dark(#f6f6f4,#1c1c1e);--ink:light-dark(#222,#ddd);--link:light-dark(#0550ae,#79b8ff)}
        *{box-sizing:border-box}body{margin:0;display:grid;grid-template-columns:19rem minmax(0,1fr);font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:light-dark(#fff,#111)}
        nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);background:var(--soft);font-size:13px}
        nav h1{font-size:1.1rem;margin:0 0 .5rem}nav h2{font-size:.8rem;margin:1rem 0 .2rem;opacity:.7}nav ul{list-style:none;margin:0;padding:0}nav li{margin:.1rem 0}
        nav input{width:100%;padding:.4rem;border:1px solid var(--line);border-radius:4px;background:light-dark(#fff,#111);color:inherit}
        main{padding:1rem 2rem;max-width:62rem}section{border-bottom:1px solid var(--line);padding:0 0 1rem}a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
        h3{margin:1.5rem 0 .3rem}h3 a{color:inherit}h4{margin:1rem 0 .3rem}code{font:13px ui-monospace,monospace}pre{background:var(--soft);border:1px solid var(--line);border-radius:4px;padding:.7rem;overflow:auto}
        table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid var(--line)}small{opacity:.7;word-break:break-all}
        .route{margin:.2rem 0}.scope{border:1px solid var(--line);border-radius:9px;padding:0 .5rem;font-size:12px}summary{cursor:pointer;padding:.2rem 0}
        b.get,b.post,b.put,b.patch,b.delete{font:600 11px ui-monospace,monospace;text-transform:uppercase}b.get{color:light-dark(#116329,#56d364)}b.post{color:light-dark(#0550ae,#79b8ff)}
        b.put,b.patch{color:light-dark(#8a5a00,#e3b341)}b.delete,.s4,.s5{color:light-dark(#a40e26,#ff7b72)}.s2{color:light-dark(#116329,#56d364)}[hidden]{display:none}
        @media(max-width:50rem){body{display:block}nav{position:static;height:auto;max-height:50vh}main{padding:1rem}}
        """;

    public const string Script = """
        const box = document.getElementById('search');
        const all = [...document.querySelectorAll('[data-find]')];
        const show = () => {
          const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
          for (const entry of all) entry.hidden = !words.every(w => entry.dataset.find.includes(w));
        };
        box.addEventListener('input', show);
        document.addEventListener('keydown', e => {
          if (e.key === '/' && document.activeElement !== box) { e.preventDefault(); box.focus(); }
          if (e.key === 'Escape') { box.value = ''; show(); }
        });
        addEventListener('hashchange', () => {
          const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
          if (target && target.hidden) { box.value = ''; show(); target.scrollIntoView(); }
        });
        """;
}
