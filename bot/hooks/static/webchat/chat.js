/* The page works without this. With it: no reloads, news arrive by themselves, a failed message is kept, reading aloud.
   ES5 on purpose: many phones here are old. */
(function () {
  'use strict';
  var html = document.documentElement;
  html.className = 'js';
  var body = document.body, turns = document.getElementById('turns');
  if (!turns || !window.JSON || !window.XMLHttpRequest || !document.addEventListener) { return; }
  var box = document.getElementById('text'), write = document.getElementById('write');
  var problem = document.getElementById('problem'), again = document.getElementById('again');
  var fresh = document.getElementById('fresh'), end = document.getElementById('end'), pending = null;
  var sending = null, waits = false, failed = null, count = 0, stream = null;

  function each(list, act) { for (var i = 0; i < list.length; i++) { act(list[i], i); } }
  function all(selector) { return turns.querySelectorAll(selector); }
  function lastKey() {
    var known = all('.turn[id]');
    return known.length ? known[known.length - 1].id : '';
  }

  /* Where to look: the person's own last words on top, what answers them below. */
  function scrollToEnd() {
    if (!end) { return; }
    end.scrollIntoView();
    if (!('scrollMarginTop' in html.style)) { window.scrollBy(0, -150); }
  }
  function isAtBottom() {
    return window.pageYOffset + window.innerHeight >= html.scrollHeight - 160;
  }
  function markEnd(before) {
    if (!end) { end = document.createElement('li'); end.id = 'end'; end.setAttribute('aria-hidden', 'true'); }
    turns.insertBefore(end, before);
  }

  /* Only the last question is open, and only until it was answered: the same rule as on the server. */
  function settle() {
    var isAnswer = false, wasAnswered = false, isFound = false, list = all('.turn[id]');
    for (var i = list.length - 1; i >= 0; i--) {
      var isMine = /\bmine\b/.test(list[i].className), buttons = list[i].querySelectorAll('.offers button');
      if (buttons.length) { setOpen(buttons, !isFound && !wasAnswered); isFound = true; }
      wasAnswered = wasAnswered || (isMine && isAnswer);
      isAnswer = isAnswer || !isMine;
    }
  }
  function setOpen(buttons, isOpen) {
    each(buttons, function (button) { button.disabled = !isOpen; button.className = ''; });
  }

  function add(news) {
    var first = null, wasAtBottom = isAtBottom();
    each(news, function (turn) {
      if (document.getElementById(turn.id)) { return; }
      turns.insertAdjacentHTML('beforeend', turn.html);
      var item = document.getElementById(turn.id);
      if (/\bmine\b/.test(item.className)) { drop(); markEnd(item); } else { first = first || item; say(item); }
    });
    if (pending) { turns.appendChild(pending); }
    settle();
    return { first: first, wasAtBottom: wasAtBottom };
  }
  function heard(news) {
    var added = add(news);
    if (!added.first) { return; }
    if (added.wasAtBottom) { window.scrollTo(0, html.scrollHeight); } else { fresh.hidden = false; }
  }

  /* Sending */
  function drop() { if (pending) { pending.parentNode.removeChild(pending); pending = null; } }
  function show(message) {
    drop();
    pending = document.createElement('li');
    pending.className = 'turn mine pending';
    var bubble = document.createElement('div'), note = document.createElement('small');
    bubble.className = 'bubble';
    bubble.appendChild(document.createTextNode(message.label));
    note.appendChild(document.createTextNode(body.getAttribute('data-sending')));
    pending.appendChild(bubble);
    pending.appendChild(note);
    turns.appendChild(pending);
    markEnd(pending);
    scrollToEnd();
  }
  function post(message) {
    if (sending) { return; }
    sending = message;
    failed = null;
    complain('', false);
    write.className = 'write busy';
    show(message);
    var request = new XMLHttpRequest(), pairs = { key: message.key, after: lastKey() }, parts = [];
    pairs[message.name] = message.value;
    for (var name in pairs) { parts.push(name + '=' + encodeURIComponent(pairs[name])); }
    request.open('POST', '/chat');
    request.timeout = 25000;
    request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    request.setRequestHeader('Accept', 'application/json');
    request.onload = function () { answered(message, request); };
    request.onerror = request.ontimeout = function () { keep(message, '', true); };
    request.send(parts.join('&'));
  }
  function answered(message, request) {
    var data = {};
    try { data = JSON.parse(request.responseText); } catch (error) { /* a proxy's page: told as a failure below */ }
    if (request.status === 200 && data.turns) { if (!leave(data)) { done(message, data.turns); } return; }
    if (request.status === 401) { leaveToServer(message); return; }
    keep(message, data.error || '', request.status !== 422);
  }
  /* Everything was deleted: nothing of it stays on the screen. */
  function leave(data) {
    if (data.go) { window.location.replace(data.go); }
    return !!data.go;
  }
  function done(message, news) {
    sending = null;
    write.className = 'write';
    drop();
    var added = add(news);
    scrollToEnd();
    if (message.hadFocus && added.first) { added.first.focus({ preventScroll: true }); scrollToEnd(); }
    if (waits) { waits = false; submit(write, null); }
  }
  function keep(message, words, mayRepeat) {
    sending = null;
    waits = false;
    failed = message;
    write.className = 'write';
    drop();
    if (message.isTyped) { box.value = box.value ? message.value + '\n' + box.value : message.value; grow(); }
    settle();
    complain(words || body.getAttribute('data-failed'), mayRepeat);
    window.scrollTo(0, html.scrollHeight);
  }
  function complain(words, mayRepeat) {
    problem.hidden = !words;
    again.hidden = !mayRepeat;
    problem.querySelector('p').textContent = words;
  }
  /* The cookie is gone: the server's own page explains, and keeps what was typed. */
  function leaveToServer(message) {
    box.value = message.isTyped ? message.value : '';
    write.submit();
  }
  function messageFrom(form, button) {
    var isTyped = form === write, value = isTyped ? box.value.replace(/^\s+|\s+$/g, '') : button.value;
    var name = isTyped ? 'text' : button.name;
    if (!value) { return null; }
    if (failed && failed.name === name && failed.value === value) { return failed; }
    count += 1;
    return {
      name: name, value: value, isTyped: isTyped, hadFocus: button === document.activeElement,
      label: name === 'choice' ? labelOf(button) : value, key: form.elements.key.value + '.' + count
    };
  }
  function labelOf(button) {
    var number = button.querySelector('b'), words = button.querySelector('span').textContent;
    return number ? number.textContent + '. ' + words : words;
  }
  function submit(form, button) {
    if (sending) { waits = waits || form === write; return; } /* what is in the box goes out behind it */
    var message = messageFrom(form, button);
    if (!message) { return; }
    if (message.isTyped) { box.value = ''; grow(); }
    if (message.name === 'choice') {
      each(button.parentNode.children, function (other) { other.disabled = true; });
      button.className = 'taken';
    }
    post(message);
  }
  document.addEventListener('click', function (event) {
    var target = event.target;
    while (target && target.nodeName !== 'BUTTON') { target = target.parentNode; }
    var more = document.querySelector('.more');
    if (more && (target || !more.contains(event.target))) { more.removeAttribute('open'); }
    if (!target || !target.form || !target.form.hasAttribute('data-live') || target.type !== 'submit') { return; }
    event.preventDefault();
    submit(target.form, target);
  });
  again.addEventListener('click', function () {
    if (!failed) { return; }
    var message = failed;
    if (message.isTyped) {
      if (box.value.replace(/^\s+|\s+$/g, '') !== message.value) { submit(write, null); return; }
      box.value = '';
      grow();
    }
    post(message);
  });
  write.addEventListener('submit', function (event) { event.preventDefault(); submit(write, null); });

  /* Typing: Enter sends, Shift+Enter is a new line; 229 is a Vietnamese keyboard still putting a letter together. */
  function grow() { box.style.height = 'auto'; box.style.height = Math.min(box.scrollHeight + 4, 170) + 'px'; }
  box.addEventListener('input', function () { waits = false; grow(); });
  box.addEventListener('keydown', function (event) {
    if (event.keyCode !== 13 || event.shiftKey || event.isComposing) { return; }
    event.preventDefault();
    submit(write, null);
  });

  /* News: a stream where the browser has it, else a question every five seconds while the page is looked at. */
  function listen() {
    if (!window.EventSource) { return; }
    stream = new EventSource('/chat/events?after=' + encodeURIComponent(lastKey()));
    stream.onmessage = function (event) { heard([JSON.parse(event.data)]); };
  }
  function isStreaming() { return stream && stream.readyState === 1; }
  function ask() {
    if (document.hidden || sending) { return; }
    var request = new XMLHttpRequest();
    request.open('GET', '/chat/new?after=' + encodeURIComponent(lastKey()));
    request.timeout = 15000;
    request.onload = function () {
      var data = request.status === 200 ? JSON.parse(request.responseText) : {};
      if (data.turns && !leave(data)) { heard(data.turns); }
    };
    request.send();
  }
  window.setInterval(function () { if (!isStreaming()) { ask(); } }, 5000);
  document.addEventListener('visibilitychange', ask);
  fresh.addEventListener('click', function () { fresh.hidden = true; window.scrollTo(0, html.scrollHeight); });
  window.addEventListener('scroll', function () { if (!fresh.hidden && isAtBottom()) { fresh.hidden = true; } });

  /* Reading aloud, only where the browser has a voice of the page's language */
  var read = document.getElementById('read'), speech = window.speechSynthesis, isReading = false;
  function voice() {
    var voices = speech.getVoices(), found = null;
    each(voices, function (one) { if (one.lang.slice(0, 2).toLowerCase() === html.lang) { found = found || one; } });
    return found;
  }
  function say(item) {
    if (!isReading) { return; }
    var words = new SpeechSynthesisUtterance(wordsOf(item));
    words.voice = voice();
    words.lang = html.lang;
    words.rate = 0.9;
    speech.speak(words);
  }
  function wordsOf(item) {
    var bubble = item.querySelector('.bubble').cloneNode(true), parts = [];
    bubble.removeChild(bubble.querySelector('.unseen'));
    parts.push(bubble.textContent);
    each(item.querySelectorAll('.offers button:not(:disabled)'), function (button) { parts.push(labelOf(button)); });
    return parts.join('. ');
  }
  function setReading(isOn) {
    isReading = isOn;
    speech.cancel();
    read.setAttribute('aria-pressed', String(isOn));
    read.querySelector('span').textContent = body.getAttribute(isOn ? 'data-hush' : 'data-read');
    if (isOn) { each(all(end && end.parentNode ? '#end ~ .ours' : '.ours'), say); }
  }
  if (speech && window.SpeechSynthesisUtterance) {
    var offer = function () { read.hidden = !voice(); };
    offer();
    speech.onvoiceschanged = offer;
    read.addEventListener('click', function () { setReading(!isReading); });
    window.addEventListener('pagehide', function () { speech.cancel(); });
  }

  grow();
  scrollToEnd();
  listen();
}());
