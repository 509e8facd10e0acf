# expect: url-literal | format
U = 'https://{}/x'.format('evil.example')
